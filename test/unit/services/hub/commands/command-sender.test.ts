import type { CommandAction, ResultMessage } from '@dipper/contract/commands';
import { CommandClaims } from '@dipper/contract/commands';
import { DipperError } from '@dipper/contract/errors';
import type { TopicAddress } from '@dipper/contract/topics';
import { createValidator } from '@dipper/contract/validation';
import { compactVerify, generateKeyPair } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCommandSender } from '../../../../../services/hub/commands/command-sender.ts';
import { createCommandSigner } from '../../../../../services/hub/commands/command-signer.ts';

const agent = { estate: 'lanting', agent: 'lanting-edge-1' };
const action: CommandAction = {
  name: 'live.start',
  device: 'gate-camera',
  stream: 'main',
  uplinkUrl: 'ws://127.0.0.1:1/edge/v1/uplink',
  ticket: 't'.repeat(43),
};
const challenge = '0b9f4a3c-6a0e-4d53-9d4a-0d8f6f9b7a11';
const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });

function link(answer: (claims: CommandClaims, tell: (result: ResultMessage, from?: TopicAddress) => void) => void) {
  const listeners = new Set<(from: TopicAddress, result: ResultMessage) => void>();
  const published: string[] = [];
  const send = createCommandSender({
    log: { info: () => undefined },
    agents: { challenge: async () => challenge },
    sign: createCommandSigner(() => privateKey, 'hub'),
    edges: {
      async publishCommand(_address, jws) {
        published.push(jws);
        const { payload } = await compactVerify(jws, publicKey);
        const tell = (result: ResultMessage, from: TopicAddress = agent): void => {
          for (const listener of listeners) listener(from, result);
        };
        answer(JSON.parse(new TextDecoder().decode(payload)), tell);
      },
      onResult(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
  });
  return { send, published, listeners };
}

const at = new Date().toISOString();

describe('a command', () => {
  afterEach(() => void vi.useRealTimers());

  it('is signed for this agent only, quotes its challenge, and is never the same twice', async () => {
    const seen: CommandClaims[] = [];
    const { send, published, listeners } = link((claims, tell) => {
      seen.push(claims);
      tell({ command: claims.id, ok: true, at });
    });
    await send(agent, action, AbortSignal.timeout(1_000));
    await send(agent, action, AbortSignal.timeout(1_000));
    const [first, second] = seen.map((claims) => createValidator(CommandClaims).parse(claims));
    expect(first).toMatchObject({ ...agent, challenge, action });
    expect(first?.nonce).not.toBe(second?.nonce);
    expect(Date.parse(first?.expiresAt ?? '') - Date.parse(first?.notBefore ?? '')).toBeLessThanOrEqual(30_000);
    const { protectedHeader } = await compactVerify(published[0] ?? '', publicKey);
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'dipper-command+jws' });
    expect(listeners.size).toBe(0);
  });

  it('ends with the code that the edge refused it with', async () => {
    const refusing = link((claims, tell) => tell({ command: claims.id, ok: false, code: 'COMMAND_REPLAYED', at }));
    await expect(refusing.send(agent, action, AbortSignal.timeout(1_000))).rejects.toMatchObject({
      code: 'COMMAND_REPLAYED',
    });
    const strange = link((claims, tell) => tell({ command: claims.id, ok: false, code: 'CAMERA_ON_FIRE', at }));
    await expect(strange.send(agent, action, AbortSignal.timeout(1_000))).rejects.toMatchObject({
      code: 'COMMAND_UNSUPPORTED',
      detail: { edgeCode: 'CAMERA_ON_FIRE' },
    });
  });

  it('does not believe another agent, and gives up in time', async () => {
    vi.useFakeTimers();
    const { send, listeners } = link((claims, tell) =>
      tell({ command: claims.id, ok: true, at }, { ...agent, agent: 'other' }),
    );
    const sending = send(agent, action, new AbortController().signal);
    const failed = expect(sending).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
    await vi.advanceTimersByTimeAsync(10_000);
    await failed;
    expect(listeners.size).toBe(0);
  });

  it('is not sent to an agent that is offline, and ends when nobody waits any more', async () => {
    const send = createCommandSender({
      log: { info: () => undefined },
      agents: { challenge: () => Promise.reject(new DipperError('AGENT_OFFLINE')) },
      sign: createCommandSigner(() => privateKey, 'hub'),
      edges: { publishCommand: () => expect.fail('was sent'), onResult: () => () => undefined },
    });
    await expect(send(agent, action, AbortSignal.timeout(1_000))).rejects.toMatchObject({ code: 'AGENT_OFFLINE' });
    const abandoned = new AbortController();
    const { send: sendAway } = link(() => abandoned.abort(new Error('gone')));
    await expect(sendAway(agent, action, abandoned.signal)).rejects.toThrow('gone');
  });
});
