import { z } from 'zod';
import { fileSchema } from './schema.ts';

/** The YAML format as JSON Schema (draft 2020-12), for editors: the contents of `schema/buoy.schema.json`. */
export function jsonSchema(): object {
  return z.toJSONSchema(fileSchema, { target: 'draft-2020-12', io: 'input' });
}
