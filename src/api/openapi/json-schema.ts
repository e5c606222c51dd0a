import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What is answered, as JSON Schema. */
export function shownSchema(schema: z.ZodType): JsonSchema {
  return bare(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
}

/**
 * What may be sent. Where a schema first turns one way of writing into another (`"yes"` into `true`), the document
 * has the way that is meant: the schema behind.
 */
export function takenSchema(schema: z.ZodType): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (
        zodSchema instanceof z.ZodPipe &&
        zodSchema.in instanceof z.ZodTransform &&
        zodSchema.out instanceof z.ZodType
      )
        Object.assign(jsonSchema, takenSchema(zodSchema.out));
    },
  });
  return bare(json);
}

/** OpenAPI 3.1 says once, for the whole document, which dialect of JSON Schema it speaks. */
function bare({ $schema: _dialect, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
