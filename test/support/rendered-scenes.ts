import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where simulated scenes are kept from test to test: to render one takes fifteen seconds of both cores. */
export const RENDERED_SCENES = fileURLToPath(new URL('../../node_modules/.cache/dipper-simulator', import.meta.url));

/** Lets a demo that is about to start find the scenes that were rendered before; what it renders is there for the next. */
export function shareRenderedScenes(dataDir: string): void {
  const simulatorDir = join(dataDir, 'simulator');
  mkdirSync(simulatorDir, { recursive: true, mode: 0o700 });
  for (const kind of ['clips', 'pictures']) {
    mkdirSync(join(RENDERED_SCENES, kind), { recursive: true });
    const link = join(simulatorDir, kind);
    if (!existsSync(link)) symlinkSync(join(RENDERED_SCENES, kind), link);
  }
}
