import { runEnrol } from '@dipper/edge/agent/enrol/main';
import { vi } from 'vitest';

/** `npm run edge -- enrol`, without a process of its own, which takes a second to load what analyses pictures. */
export async function enrolHere(url: string, code: string, config: string): Promise<{ exit: number; output: string }> {
  let output = '';
  const hear = (text: unknown): boolean => {
    output += text;
    return true;
  };
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')].map((spy) =>
    spy.mockImplementation(hear),
  );
  const exit = await runEnrol(['--hub', url, '--code', code, '--config', config], new AbortController().signal);
  for (const spy of spies) spy.mockRestore();
  return { exit, output };
}
