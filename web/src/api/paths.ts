// SPDX-License-Identifier: Apache-2.0
declare const API_PATHS: string[];

/** Whether the API of this build has this route: a page of it is offered only then. */
export const has = (path: string): boolean => API_PATHS.includes(path);
