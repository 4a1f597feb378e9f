import { randomUUID } from 'node:crypto';
import type { GateCommand } from '@dipper/edge/access/gate-messages';
import { createGateCommandHandlers } from '@dipper/edge/agent/gate/gate-commands';
import { createPendingCommands } from '@dipper/edge/agent/gate/pending-commands';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const command = () => ({ id: randomUUID(), device: 'barrier', action: 'open', deadlineMs: 8_000 }) as const;

describe('a command on its way to the gate process', () => {
  it('is settled by the word about it, and by no other', async () => {
    const sent: GateCommand[] = [];
    const pending = createPendingCommands((message) => sent.push(message) > 0);
    const asked = command();
    const outcome = pending.give(asked);
    expect(sent).toEqual([{ type: 'command', ...asked }]);
    pending.settle({ type: 'outcome', id: randomUUID(), ok: true, position: 'open' });
    const said = { type: 'outcome', id: asked.id, ok: false, code: 'GATE_NOT_CLEAR', position: 'open' } as const;
    pending.settle(said);
    expect(await outcome).toEqual(said);
  });

  it('is unconfirmed when nothing is said, and given up when the process ends or is not there', async () => {
    const pending = createPendingCommands(() => true);
    const silent = pending.give(command());
    await vi.advanceTimersByTimeAsync(9_000);
    expect(await silent).toMatchObject({ ok: false, code: 'GATE_COMMAND_UNCONFIRMED', position: 'unknown' });
    const ended = pending.give(command());
    pending.abandon();
    expect(await ended).toMatchObject({ ok: false, code: 'GATE_ABORTED', position: 'unknown' });
    const nobody = createPendingCommands(() => undefined);
    expect(await nobody.give(command())).toMatchObject({ ok: false, code: 'GATE_ABORTED' });
  });
});

describe('the guard’s hand at the edge', () => {
  const head = { id: randomUUID(), issuer: 'hub' };
  const action = { name: 'gate.command', device: 'barrier', action: 'lock', reason: 'of a test' } as const;
  const open = (ok: boolean) =>
    createGateCommandHandlers({
      has: (device) => device === 'barrier',
      gates: {
        command: async ({ id }) => ({
          ...{ type: 'outcome', id, ok, position: 'closed', lock: 'locked', hold: 'locked' },
          ...(!ok && { code: 'GATE_FIRE_ALARM', message: 'It burns.' }),
        }),
      },
    });

  it('answers with the gate as it was seen, also where it did not obey', async () => {
    const door = { position: 'closed', lock: 'locked', hold: 'locked' };
    await expect(open(true)['gate.command']?.(action, head)).resolves.toEqual({ door });
    await expect(open(false)['gate.command']?.(action, head)).rejects.toMatchObject({
      ...{ code: 'GATE_FIRE_ALARM', message: 'It burns.', outcome: { door } },
    });
  });

  it('knows the gates of this agent alone', async () => {
    const elsewhere = { ...action, device: 'another' };
    await expect(open(true)['gate.command']?.(elsewhere, head)).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' });
  });
});
