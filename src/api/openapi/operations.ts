// The pieces that OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html) makes a path of.

import type { JsonSchema } from './json-schema.ts';

export type Method = 'get' | 'post' | 'put' | 'delete';

export type Operation = Readonly<Record<string, unknown>>;

interface OperationParts {
  readonly summary: string;
  readonly tag: string;
  readonly parameters?: readonly JsonSchema[];
  readonly body?: JsonSchema;
  /** The answer when all is well: no schema for one without a body. */
  readonly status?: 200 | 201 | 204;
  readonly answer?: JsonSchema;
  /** Answers beside those that every operation has. */
  readonly others?: Readonly<Record<string, unknown>>;
  readonly needsNoToken?: boolean;
}

export function operation(parts: OperationParts): Operation {
  const { summary, tag, parameters = [], body, status = 200, answer, others = {}, needsNoToken } = parts;
  return {
    summary,
    tags: [tag],
    ...(needsNoToken === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: {
      [status]: { description: 'Done.', ...(answer === undefined ? {} : { content: json(answer) }) },
      ...others,
      ...(needsNoToken === true ? {} : { 401: { $ref: '#/components/responses/Unauthorized' } }),
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

export function json(schema: JsonSchema): object {
  return { 'application/json': { schema } };
}

export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** An object with these keys and no others. */
export function object(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((key) => !optional.includes(key));
  return { type: 'object', properties, required, additionalProperties: false };
}

export function array(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

export function inPath(name: string, description: string): JsonSchema {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

export function inQuery(name: string, description: string, schema: JsonSchema = { type: 'string' }): JsonSchema {
  return { name, in: 'query', description, schema };
}
