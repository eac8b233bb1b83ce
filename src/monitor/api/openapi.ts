/**
 * The OpenAPI document.
 *
 * @module
 */

import type { Answer } from "../answer.ts";
import { openApiDocument } from "../openapi.ts";
import type { Route } from "../route.ts";
import { any, object, record, text } from "../schema.ts";

/**
 * The route of the document.
 *
 * @param routes Gives the table, of which this is one.
 */
export function openApiRoutes(routes: () => readonly Route[]): readonly Route[] {
  let document: Readonly<Record<string, unknown>> | undefined;
  return [
    {
      method: "GET",
      path: "/api/v1/openapi.json",
      access: "open",
      summary: "This API as an OpenAPI document",
      answer: {
        body: object({
          openapi: text,
          info: record(any),
          servers: any,
          tags: any,
          paths: record(record(any)),
          components: record(any),
        }),
      },
      handle: (): Promise<Answer> => {
        document ??= openApiDocument(routes());
        return Promise.resolve({ body: document });
      },
    },
  ];
}
