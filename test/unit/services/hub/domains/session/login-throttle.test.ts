import { describe, expect, it } from 'vitest';
import { createLoginThrottle } from '../../../../../../services/hub/domains/session/login-throttle.ts';

const MINUTE_MS = 60_000;

function failing(throttle: ReturnType<typeof createLoginThrottle>, attempts: readonly [string, string][]): number {
  let allowed = 0;
  for (const [name, address] of attempts) {
    try {
      throttle.begin(name, address);
      allowed += 1;
    } catch {
      // counted by not being counted
    }
  }
  return allowed;
}

describe('login throttle', () => {
  it('lets ten wrong passwords for a name from an address through, whatever the case of the name', () => {
    const throttle = createLoginThrottle(() => 0);
    expect(failing(throttle, Array(30).fill(['Li', '10.0.0.1']))).toBe(10);
    expect(failing(throttle, [['li', '10.0.0.1']])).toBe(0);
    expect(
      failing(throttle, [
        ['li', '10.0.0.2'],
        ['wang', '10.0.0.1'],
      ]),
    ).toBe(2);
  });

  it('counts every spelling that reaches the same account as that account', () => {
    const throttle = createLoginThrottle(() => 0);
    expect(failing(throttle, Array(10).fill(['admin', '10.0.0.1']))).toBe(10);
    expect(
      failing(throttle, [
        ['ａdmin', '10.0.0.1'],
        ['ADＭIN', '10.0.0.1'],
      ]),
    ).toBe(0);
  });

  it('stops an address that tries many names, and a name that is tried from everywhere', () => {
    const byAddress = createLoginThrottle(() => 0);
    expect(
      failing(
        byAddress,
        Array.from({ length: 200 }, (_, i) => [`name-${i}`, '10.0.0.1']),
      ),
    ).toBe(50);
    const byName = createLoginThrottle(() => 0);
    expect(
      failing(
        byName,
        Array.from({ length: 200 }, (_, i) => ['admin', `10.0.0.${i}`]),
      ),
    ).toBe(100);
  });

  it('says how long to wait, and lets go after five minutes', () => {
    let now = 0;
    const throttle = createLoginThrottle(() => now);
    failing(throttle, Array(10).fill(['li', 'a']));
    now = 2 * MINUTE_MS;
    expect(() => throttle.begin('li', 'a')).toThrow(
      expect.objectContaining({ code: 'TOO_MANY_ATTEMPTS', detail: { retryAfterSec: 180 } }),
    );
    now = 5 * MINUTE_MS;
    expect(failing(throttle, [['li', 'a']])).toBe(1);
  });

  it('takes successes back, so that whoever knows the password is never locked out by using it', () => {
    const throttle = createLoginThrottle(() => 0);
    for (let i = 0; i < 500; i += 1) {
      throttle.begin('li', 'a');
      throttle.succeeded('li', 'a');
    }
    expect(failing(throttle, Array(30).fill(['li', 'a']))).toBe(10);
  });
});
