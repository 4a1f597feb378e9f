import { DipperError } from '@dipper/contract/errors';
import type { EdgeMessenger } from '../services.ts';
import type { ResultsHandler } from './handlers/results.handler.ts';
import type { MqttSession } from './mqtt-session.ts';

/** Commands and policies out, results in, over whatever session there is at the moment. */
export function createEdgeMessenger(session: () => MqttSession | undefined, results: ResultsHandler): EdgeMessenger {
  const currentOrThrow = (): MqttSession => {
    const current = session();
    if (current === undefined) throw new DipperError('AGENT_OFFLINE');
    return current;
  };
  return {
    publishCommand: async (address, jws) => currentOrThrow().sendCommand(address, jws),
    publishPolicy: async (address, jws) => currentOrThrow().sendPolicy(address, jws),
    connectedSince: () => session()?.connectedSince(),
    onResult: results.listen,
  };
}
