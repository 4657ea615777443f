import type { ROUTES, RouteName } from "@confab/contract";

type Routes = typeof ROUTES;
type Part<R, K extends string> = R extends { [P in K]: infer S }
  ? S extends { _zod: { input: infer I } }
    ? I
    : never
  : never;
type Optional<K extends string, V> = [V] extends [never] ? unknown : { [P in K]: V };

/** Path parameters, query and body of a route, as the contract states them. */
export type HttpInput<N extends RouteName> = Optional<"params", Part<Routes[N], "params">> &
  ([Part<Routes[N], "query">] extends [never] ? unknown : { query?: Part<Routes[N], "query"> }) &
  Optional<"body", Part<Routes[N], "body">> & { signal?: AbortSignal };

export type HttpReply<N extends RouteName> = Routes[N] extends { reply: { _zod: { output: infer O } } }
  ? O
  : undefined;
