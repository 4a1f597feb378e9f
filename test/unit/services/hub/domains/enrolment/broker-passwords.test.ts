import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashBrokerPassword, isBrokerPassword } from '@dipper/contract/broker-password';
import { mergeBrokerLogins, writeBrokerLogins } from '@dipper/hub/domains/enrolment/broker-passwords';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../../../support/open-outbox.ts';

const login = (username: string, passwordHash: string | null) => ({ username, passwordHash });

test('lines of others stay as and where they are; ours are entered, replaced and taken out', () => {
  const before = '# ours\nhub:$7$1\nlanting/a:$7$2\nlanting/b:$7$3\n';
  const after = mergeBrokerLogins(before, [
    login('lanting/b', '$7$9'),
    login('lanting/c', '$7$4'),
    login('lanting/a', null),
    login('lanting/gone', null),
  ]);
  expect(after).toBe('# ours\nhub:$7$1\nlanting/b:$7$9\nlanting/c:$7$4\n');
  expect(mergeBrokerLogins(after, [login('lanting/b', '$7$9')])).toBe(after);
  expect(mergeBrokerLogins('', [login('lanting/c', '$7$4')])).toBe('lanting/c:$7$4\n');
  // A last line that somebody has not ended.
  expect(mergeBrokerLogins('hub:$7$1', [login('lanting/c', '$7$4')])).toBe('hub:$7$1\nlanting/c:$7$4\n');
});

test('the file is replaced as a whole, keeps its mode, and is left alone where nothing has changed', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'passwords');
  writeFileSync(file, 'hub:$7$1\n');
  chmodSync(file, 0o640);
  expect(await writeBrokerLogins(file, [login('lanting/a', '$7$2')])).toBe(true);
  expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['hub:$7$1\nlanting/a:$7$2\n', 0o640]);
  expect(await writeBrokerLogins(file, [login('lanting/a', '$7$2')])).toBe(false);
  expect(readdirSync(folder)).toEqual(['passwords']);
});

test('a hash is that of its password alone, and one of another kind is of none', () => {
  const hash = hashBrokerPassword('right', Buffer.alloc(12, 1));
  expect(['right', 'wrong', ''].map((each) => isBrokerPassword(hash, Buffer.from(each)))).toEqual([true, false, false]);
  for (const other of ['', '$6$salt$hash', hash.replace('$101$', '$1$'), hash.slice(0, -4)]) {
    expect(isBrokerPassword(other, Buffer.from('right'))).toBe(false);
  }
});
