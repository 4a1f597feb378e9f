import type { GateHold } from '@dipper/contract/door-action';
import { capabilitiesFrom } from '@dipper/edge/access/gate-abilities';
import type { GateConfig } from '@dipper/edge/access/gate-config';
import { createRelayHold } from '@dipper/edge/access/relay-hold';
import { describe, expect, test } from 'vitest';

/** A strike on a bistable relay, with a sensor on its bolt. */
const DOOR = {
  ...{ device: 'door', url: 'http://127.0.0.1/', kind: 'door', relay: { mode: 'bistable' }, contactToken: 'contact' },
  ...{ inputs: [{ role: 'lock', token: 'bolt' }], safety: { fireRelease: 'hardwired' } },
} as const satisfies GateConfig;

function kept(config: Partial<GateConfig>, noted?: GateHold) {
  const changes: GateHold[] = [];
  const world = { isFire: false };
  const whole = { ...DOOR, ...config } as GateConfig;
  const hold = createRelayHold({
    ...{ config: whole, capabilities: capabilitiesFrom(whole), noted, isFire: () => world.isFire },
    onChange: (state) => void changes.push(state),
  });
  return { hold, changes, world };
}

describe('what a relay was kept as', () => {
  test.each<[GateHold | undefined, GateConfig['failMode'], GateHold]>([
    [undefined, 'fail-secure', 'normal'],
    ['locked', 'fail-safe', 'locked'],
    ['locked', 'fail-secure', 'locked'],
    ['held-open', 'fail-secure', 'held-open'],
    // Nobody can read any more whether a guard has locked it.
    ['unknown', 'fail-secure', 'locked'],
    ['unknown', 'fail-safe', 'normal'],
    ['unknown', undefined, 'normal'],
  ])('%s of a %s gate is %s after a start', (noted, failMode, state) => {
    expect(kept({ ...(failMode && { failMode }) }, noted).hold.state).toBe(state);
  });

  test('is kept only as what somebody can end', () => {
    expect(kept({ actions: ['open', 'hold-open', 'release'] }, 'locked').hold.state).toBe('normal');
    expect(kept({ actions: ['open', 'lock'] }, 'locked').hold.state).toBe('normal');
    expect(kept({ actions: ['open'] }, 'held-open').hold).toMatchObject({ isPossible: false, state: 'normal' });
  });
});

describe('an opening that nobody lived to end', () => {
  test('is closed as usual where it fails secure, and held open until it is ended where it fails safe', () => {
    const secure = kept({ failMode: 'fail-secure' });
    expect(secure.hold.relaySeen('active')).toBe(true);
    expect(secure.hold.state).toBe('normal');
    const safe = kept({ failMode: 'fail-safe' });
    expect(safe.hold.relaySeen('active')).toBe(false);
    expect(safe.changes).toEqual(['held-open']);
    safe.hold.done('release');
    expect(safe.hold.state).toBe('normal');
  });

  test('is one only at first sight, and not where it is known why the relay is up', () => {
    const { hold, changes } = kept({ failMode: 'fail-secure' });
    expect(hold.relaySeen('inactive')).toBe(false);
    expect(hold.relaySeen('active')).toBe(false);
    const held = kept({ failMode: 'fail-secure' }, 'held-open');
    expect(held.hold.relaySeen('active')).toBe(false);
    expect([...changes, ...held.changes]).toEqual([]);
    held.hold.relaySeen('inactive');
    expect(held.hold.state).toBe('normal');
    // Somebody has raised it past a lock: said as it is seen, and nothing is moved.
    const locked = kept({ failMode: 'fail-secure' }, 'locked');
    expect(locked.hold.relaySeen('active')).toBe(false);
    expect(locked.hold.state).toBe('locked');
    // Whether it was locked is not known, and it is not: it is let fall.
    const unread = kept({ failMode: 'fail-secure' }, 'unknown');
    expect(unread.hold.relaySeen('active')).toBe(true);
    expect(unread.hold.state).toBe('normal');
  });

  test('that people cannot end is closed whatever it fails as; a pulse is none', () => {
    expect(kept({ failMode: 'fail-safe', actions: ['open'] }).hold.relaySeen('active')).toBe(true);
    expect(kept({ failMode: 'fail-secure', relay: { mode: 'monostable' } }).hold.relaySeen('active')).toBe(false);
  });
});

describe('a fire', () => {
  test('keeps open what fails safe and stands open, or is opened in it; a fail-secure gate closes when it is over', () => {
    const safe = kept({ failMode: 'fail-safe' });
    safe.hold.relaySeen('inactive');
    safe.hold.relaySeen('active');
    safe.world.isFire = true;
    safe.hold.fireChanged();
    expect(safe.hold.state).toBe('held-open');
    safe.world.isFire = false;
    safe.hold.fireChanged();
    expect(safe.hold.state).toBe('held-open');

    const opened = kept({ failMode: 'fail-safe' }, 'locked');
    opened.hold.relaySeen('inactive');
    opened.world.isFire = true;
    opened.hold.fireChanged();
    expect(opened.hold.state).toBe('locked');
    opened.hold.done('open');
    opened.hold.relaySeen('active');
    expect(opened.hold.state).toBe('held-open');

    const secure = kept({ failMode: 'fail-secure' });
    secure.hold.relaySeen('inactive');
    secure.hold.relaySeen('active');
    secure.world.isFire = true;
    secure.hold.fireChanged();
    expect(secure.changes).toEqual([]);
  });
});
