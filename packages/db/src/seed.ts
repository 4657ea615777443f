export interface DemoAccount {
  username: string;
  password: string;
  displayName: string;
}
export async function seedDemo(_url: string): Promise<{ accounts: DemoAccount[] }> {
  return { accounts: [] };
}
