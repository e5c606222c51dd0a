// The listening process of `buoy agent`, which that starts.

import { entry } from './entry.js';
import { offerCollector } from './garbage.js';

offerCollector();
await import(entry('src/cli/listener'));
