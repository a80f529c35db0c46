// SPDX-License-Identifier: Apache-2.0
// What may be sent where, and what comes back, from the API's document: a field that was renamed there does not compile here.
import type { paths } from "./schema";

type Method = "post" | "put" | "patch" | "delete";
type Documented = keyof paths & string;

/** "/v1/jobs/{job}/cancel" as it is asked for: "/v1/jobs/42/cancel". */
type Filled<D extends string> = D extends `${infer Before}{${string}}${infer After}` ? `${Before}${string}${Filled<After>}` : D;

/** The documented path that `P` is one of. */
type PathOf<M extends Method, P extends string> = { [D in Documented]: paths[D][M] extends object ? (P extends Filled<D> ? D : never) : never }[Documented];
type OperationAt<M extends Method, P extends string> = paths[PathOf<M, P>][M];

type SentTo<O> = O extends { requestBody?: never } ? never
  : O extends { requestBody?: { content: { "application/json": infer B } } } ? (B extends Record<string, never> ? Record<string, unknown> : B) : never;
type Takes<O> = [SentTo<O>] extends [never] ? "nothing" : O extends { requestBody: object } ? "a body" : "perhaps a body";
type Asked<M extends Method, How extends string> = { [D in Documented]: paths[D][M] extends object ? (Takes<paths[D][M]> extends How ? Filled<D> : never) : never }[Documented];

/** Where a method may be used without a body. */
export type WithoutBody<M extends Method> = Asked<M, "nothing" | "perhaps a body">;
/** Where it takes one. */
export type WithBody<M extends Method> = Asked<M, "a body" | "perhaps a body">;
/** What is sent there. */
export type Body<M extends Method, P extends string> = SentTo<OperationAt<M, P>>;
/** What is answered when it is done. */
export type Answer<M extends Method, P extends string> =
  OperationAt<M, P> extends { responses: infer R } ? (R extends Record<200 | 201, infer A> ? Content<A> : R extends { 200: infer A } | { 201: infer A } | { 202: infer A } ? Content<A> : unknown) : unknown;
type Content<A> = A extends { content: { "application/json": infer T } } ? T : unknown;

/** Forbids in `Given` what `Known` does not have: an object that is not written out in the call may hold more than its type asks for. */
export type Only<Given, Known> = Record<Exclude<keyof Given, keyof Known>, never>;
