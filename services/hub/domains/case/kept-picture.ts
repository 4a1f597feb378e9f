import { join } from 'node:path';

/** Where the picture of a case lies in HUB_MEDIA_DIR. */
export function keptPictureFile(mediaDir: string, id: string): string {
  return join(mediaDir, 'kept', id);
}
