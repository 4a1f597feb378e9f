import { randomUUID } from 'node:crypto';
import { COMMAND_TYPE, type CommandAction, type CommandClaims, MAX_COMMAND_LIFE_SEC } from '@dipper/contract/commands';
import type { TopicAddress } from '@dipper/contract/topics';
import { CompactSign } from 'jose';
import type { SigningKeySource } from '../signing-key.ts';

/** What a command is made of, beside what the signer adds. */
export interface CommandRequest {
  readonly id: string;
  readonly agent: TopicAddress;
  /** From the agent's latest status. */
  readonly challenge: string;
  readonly action: CommandAction;
}

export type CommandSigner = (request: CommandRequest) => Promise<string>;

/** Half a minute is the contract's limit; a command that waited half as long is not worth carrying out. */
const LIFE_MS = (MAX_COMMAND_LIFE_SEC / 2) * 1000;
/** Edge and hub clocks may differ by this much before `notBefore` matters; freshness rests on the challenge. */
const EARLY_MS = 5_000;

/**
 * Signs commands as a JWS in compact form, EdDSA with Ed25519 (RFC 8037), each with a nonce of its own.
 *
 * @param issuer name of this hub, for the edge's log
 */
export function createCommandSigner(
  key: SigningKeySource,
  issuer: string,
  now: () => number = Date.now,
): CommandSigner {
  return async ({ id, agent, challenge, action }) => {
    const claims: CommandClaims = {
      id,
      issuer,
      estate: agent.estate,
      agent: agent.agent,
      nonce: randomUUID(),
      challenge,
      notBefore: new Date(now() - EARLY_MS).toISOString(),
      expiresAt: new Date(now() + LIFE_MS).toISOString(),
      action,
    };
    return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'EdDSA', typ: COMMAND_TYPE })
      .sign(key());
  };
}
