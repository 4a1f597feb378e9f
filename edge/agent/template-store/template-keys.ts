import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { replaceFile } from '../../link/replace-file.ts';
import { TemplateError } from './template-error.ts';

const KEY_BYTES = 32;
/** Any right for group or others. */
const OTHERS = 0o077;

/**
 * Reads the estate's keys of face templates, one a line in Base64: the first seals, all of them open. **Rotation:** put a new
 * line above the old one and restart the agent; it seals every template anew under the first key at its start, and the old
 * line can go. Throwing the file away erases every template of the estate at once.
 *
 * @param isNeeded whether templates exist that only the old keys open: then a missing file is an error, otherwise one is made
 * @throws TemplateError TEMPLATE_KEY_PERMISSIONS, TEMPLATE_KEY_INVALID, TEMPLATE_KEY_MISSING
 */
export async function loadTemplateKeys(path: string, isNeeded: boolean): Promise<Buffer[]> {
  if (!existsSync(path)) {
    if (isNeeded) throw new TemplateError('TEMPLATE_KEY_MISSING', path);
    await replaceFile(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  }
  const { mode, uid } = statSync(path);
  const self = process.getuid?.();
  if (self !== undefined && ((mode & OTHERS) !== 0 || (uid !== self && uid !== 0))) {
    throw new TemplateError('TEMPLATE_KEY_PERMISSIONS', path);
  }
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const keys = lines.map((line) => Buffer.from(line, 'base64'));
  const isSound = keys.every((key, index) => key.length === KEY_BYTES && key.toString('base64') === lines[index]);
  if (keys.length === 0 || !isSound) throw new TemplateError('TEMPLATE_KEY_INVALID', path);
  return keys;
}
