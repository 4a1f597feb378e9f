import { parseOptions } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { generatePassword, hashPassword, isPassword } from '../../../../../../services/hub/domains/account/password.ts';

describe('passwords', () => {
  it('are stored as Argon2id with at least the cost that OWASP asks for, each with its own salt', async () => {
    const [first, second] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(first).toMatch(/^\$argon2id\$/);
    expect(parseOptions(first)).toMatchObject({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    expect(first).not.toBe(second);
  });

  it('match only themselves, and however a keyboard composes them', async () => {
    const stored = await hashPassword('Zoë Ⅳ 密码');
    expect(await isPassword(stored, 'Zoe\u0308 IV 密码')).toBe(true);
    expect(await isPassword(stored, 'zoë Ⅳ 密码')).toBe(false);
    expect(await isPassword('not a hash', 'Zoë Ⅳ 密码')).toBe(false);
  });

  it('that are made up are long, readable and never the same', () => {
    const made = new Set(Array.from({ length: 200 }, generatePassword));
    expect(made.size).toBe(200);
    for (const password of made) expect(password).toMatch(/^[a-km-zAC-HJ-NP-Z2-9]{16}$/);
  });
});
