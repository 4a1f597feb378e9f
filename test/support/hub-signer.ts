import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { COMMAND_TYPE, type CommandAction, type CommandClaims } from '@dipper/contract/commands';
import { RECEIPT_TYPE, type ReceiptClaims } from '@dipper/contract/receipts';
import { createHubKeys, type HubKeys } from '@dipper/edge/link/hub-keys';
import { CompactSign } from 'jose';

/** Signs what a hub signs, and what it would never sign. */
export interface HubSigner {
  /** What an edge pins. */
  readonly keys: HubKeys;
  readonly publicJwk: object;
  readonly publicPem: string;
  sign(claims: object, header?: Readonly<Record<string, unknown>>): Promise<string>;
  receipt(claims: Omit<ReceiptClaims, 'issuedAt'> & { issuedAt?: string }, type?: string): Promise<Buffer>;
  command(claims: CommandRequest, type?: string): Promise<Buffer>;
}

export interface CommandRequest extends Partial<Omit<CommandClaims, 'action'>> {
  readonly estate: string;
  readonly agent: string;
  readonly challenge: string;
  readonly action?: CommandAction;
}

export const LIVE_START: CommandAction = {
  name: 'live.start',
  device: 'lanting-service-face',
  stream: 'sub',
  uplinkUrl: 'ws://127.0.0.1:9/edge/v1/uplink',
  ticket: 't'.repeat(43),
};

export function createHubSigner(): HubSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const sign = (claims: object, header: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'EdDSA', ...header })
      .sign(privateKey as KeyObject);
  return {
    keys: createHubKeys([publicKey]),
    publicJwk: publicKey.export({ format: 'jwk' }),
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    sign,
    async receipt(claims, type = RECEIPT_TYPE) {
      const receipt = await sign({ issuedAt: new Date().toISOString(), ...claims }, { typ: type });
      return Buffer.from(JSON.stringify({ receipt }));
    },
    async command(request, type = COMMAND_TYPE) {
      const claims: CommandClaims = {
        id: randomUUID(),
        issuer: 'hub of a test',
        nonce: randomUUID(),
        notBefore: new Date(Date.now() - 1_000).toISOString(),
        expiresAt: new Date(Date.now() + 15_000).toISOString(),
        action: LIVE_START,
        ...request,
      };
      return Buffer.from(JSON.stringify({ command: await sign(claims, { typ: type }) }));
    },
  };
}
