// Part of `npm run lint`: prints every import against the order of the rooms, and fails if there is one.

import { globSync, readFileSync } from 'node:fs';
import { findViolations } from './rooms.ts';

const files = new Map<string, string>();
for (const path of globSync('{src,sandbox}/**/*.ts').toSorted()) files.set(path, readFileSync(path, 'utf8'));

const violations = findViolations(files);
for (const { file, line, imported, reason } of violations)
  console.error(`${file}:${line}: imports '${imported}': ${reason}`);
console.log(`${files.size} files, ${violations.length} imports against the order of the rooms`);
if (violations.length > 0) process.exitCode = 1;
