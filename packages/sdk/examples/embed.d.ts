import { type TimelineMessage } from "@confab/sdk";

type Render = (messages: TimelineMessage[]) => void;
/** Ten lines that put a conversation into a product: sign in with its token, show what is said, say something. */
export declare function embed(url: string, token: string, render?: Render): Promise<string>;
//# sourceMappingURL=embed.d.ts.map
