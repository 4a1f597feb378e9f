import { randomUUID } from 'node:crypto';
import type { CommandAction, ResultMessage } from '@dipper/contract/commands';
import { DipperError, ERROR_CODES, type ErrorCode } from '@dipper/contract/errors';
import type { DoorSight } from '@dipper/contract/gate-command';
import type { TopicAddress } from '@dipper/contract/topics';
import type { Logger } from 'pino';
import type { AgentService, EdgeMessenger } from '../services.ts';
import type { CommandSigner } from './command-signer.ts';

/** How long an edge has to say what became of a command. */
const RESULT_PATIENCE_MS = 10_000;

/**
 * Sends one command and waits for its result.
 * @throws DipperError AGENT_OFFLINE, COMMAND_TIMEOUT, or the code with which the edge refused; AbortError
 */
export type CommandSender = (
  agent: TopicAddress,
  action: CommandAction,
  signal: AbortSignal,
  options?: CommandSendOptions,
) => Promise<ResultMessage>;

export interface CommandSendOptions {
  /** What the command is called, where that is on record before it is sent. Default: a new one. */
  readonly id?: string;
}

/** What a refusal's `detail` holds: the edge's own code, and the gate as it was seen when a command to it failed. */
export interface EdgeRefusal {
  readonly edgeCode: string | null;
  readonly door?: DoorSight;
}

export interface CommandSenderOptions {
  readonly agents: Pick<AgentService, 'challenge'>;
  readonly edges: Pick<EdgeMessenger, 'publishCommand' | 'onResult'>;
  readonly sign: CommandSigner;
  /** The line names the command, which the edge's own log names as well. */
  readonly log: Pick<Logger, 'info'>;
}

export function createCommandSender({ agents, edges, sign, log }: CommandSenderOptions): CommandSender {
  return async (agent, action, signal, { id = randomUUID() } = {}) => {
    const challenge = await agents.challenge(agent);
    const { promise, resolve, reject } = Promise.withResolvers<ResultMessage>();
    promise.catch(() => undefined); // it may be settled before anybody waits for it, or when nobody does any more
    const stopListening = edges.onResult((from, result) => {
      // The same id on another agent's topic is somebody else's word.
      if (result.command !== id || from.estate !== agent.estate || from.agent !== agent.agent) return;
      if (result.ok) resolve(result);
      else reject(refusalOf(result));
    });
    const abort = (): void => reject(signal.reason);
    const overdue = setTimeout(() => reject(new DipperError('COMMAND_TIMEOUT')), RESULT_PATIENCE_MS);
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      const jws = await sign({ id, agent, challenge, action });
      log.info({ command: id, ...agent, action: action.name }, 'command sent');
      await Promise.race([edges.publishCommand(agent, jws), promise]);
      return await promise;
    } finally {
      clearTimeout(overdue);
      signal.removeEventListener('abort', abort);
      stopListening();
    }
  };
}

function refusalOf(result: ResultMessage): DipperError {
  const code: ErrorCode = isErrorCode(result.code) ? result.code : 'COMMAND_UNSUPPORTED';
  return new DipperError(code, {
    ...(result.message === undefined ? {} : { message: result.message }),
    detail: {
      edgeCode: result.code ?? null,
      ...(result.door !== undefined && { door: result.door }),
    } satisfies EdgeRefusal,
  });
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(ERROR_CODES, code);
}
