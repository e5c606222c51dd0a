// `npm start`: makes a clone ready and runs the demo. Arguments go to it: `npm start -- examples/quickstart.yaml`.

import { installWhatIsMissing, run, suitableNode } from './set-up.js';

installWhatIsMissing();
run(suitableNode(), 'bin/buoy.js', 'demo', ...process.argv.slice(2));
