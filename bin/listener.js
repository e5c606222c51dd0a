// The listening process of `buoy agent`, which that starts.

import { entry } from './entry.js';

await import(entry('src/cli/listener'));
