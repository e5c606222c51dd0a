// `npm run docs`: writes docs/errors.md and schema/buoy.schema.json anew from the sources.

import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generated.ts';

for (const [path, text] of generatedFiles()) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
  console.log(`wrote ${path}`);
}
