// `npm run docs`: writes anew what is made from the sources: docs/errors.md, schema/buoy.schema.json, the manual pages, and parts of other pages.

import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generated.ts';

for (const [path, text] of generatedFiles()) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
  console.log(`wrote ${path}`);
}
