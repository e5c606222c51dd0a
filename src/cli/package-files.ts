// What lies beside the sources in this package; where exactly depends on whether they are built.

import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BuoyError } from '../errors.ts';

const PackageFile = z.object({ version: z.string() });

export function buoyVersion(): string {
  return PackageFile.parse(JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))).version;
}

/** The path of a file in this package. */
function packageFile(path: string): string {
  const found = findPackageJSON('..', import.meta.url);
  if (found === undefined) throw new BuoyError('BUOY_INTERNAL', 'the package has no package.json');
  return join(dirname(found), path);
}
