import type { ResultMessage } from '@dipper/contract/commands';
import { parsePayload, type TopicAddress } from '@dipper/contract/topics';
import type { Incoming } from '../incoming.ts';

export type ResultListener = (address: TopicAddress, result: ResultMessage) => void;

/** Passes the outcome of commands on to whoever in this copy of the hub waits for one; nothing is stored. */
export interface ResultsHandler {
  /** @throws DipperError with the reason for refusing the message */
  handle(message: Incoming, address: TopicAddress): void;
  listen(listener: ResultListener): () => void;
}

export function createResultsHandler(): ResultsHandler {
  const listeners = new Set<ResultListener>();
  return {
    handle(message, { estate, agent }) {
      const result = parsePayload('results', message.payload);
      for (const listener of listeners) listener({ estate, agent }, result);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
