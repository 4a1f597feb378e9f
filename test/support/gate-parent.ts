import { createGateSupervisor } from '@dipper/edge/agent/gate/gate-supervisor';
import pino from 'pino';

/** A parent of a gate process, to be killed. Argument: address of the controller. Prints the pid of the gate process once it is online. */
const [url] = process.argv.slice(2);
if (url === undefined) throw new Error('usage: gate-parent.ts URL');

const supervisor = createGateSupervisor({
  gates: [{ device: 'barrier', url }],
  onReport: (report) => {
    if (report.kind === 'state' && report.state.connection === 'online') console.log(supervisor.pid);
  },
  signal: new AbortController().signal,
  log: pino({ enabled: false }),
});
await supervisor.done;
