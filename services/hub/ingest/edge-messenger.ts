import { DipperError } from '@dipper/contract/errors';
import type { EdgeMessenger } from '../services.ts';
import type { ResultsHandler } from './handlers/results.handler.ts';
import type { MqttSession } from './mqtt-session.ts';

/** Commands out, results in, over whatever session there is at the moment. */
export function createEdgeMessenger(session: () => MqttSession | undefined, results: ResultsHandler): EdgeMessenger {
  return {
    async publishCommand(address, jws) {
      const current = session();
      if (current === undefined) throw new DipperError('AGENT_OFFLINE');
      await current.sendCommand(address, jws);
    },
    onResult: results.listen,
  };
}
