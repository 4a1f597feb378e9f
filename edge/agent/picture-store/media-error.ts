const MESSAGES = {
  MEDIA_NOT_JPEG: 'Only JPEG pictures are kept here.',
  MEDIA_CORRUPT: 'The stored picture does not decrypt: it was altered.',
  MEDIA_DISK_FULL: 'The disk is full. Free space, or move the data directory; the event goes out without its picture.',
  MEDIA_BUDGET_SPENT:
    'The byte budget is spent on pictures under hold. Raise it, or let holds end; the event goes out without its picture.',
  MEDIA_STORE_CLOSED: 'The picture store has been closed.',
  MEDIA_KEY_PERMISSIONS: 'The key file can be read by others. Run: chmod 600',
  MEDIA_KEY_INVALID: 'The key file does not hold a key (32 bytes in Base64). Restore it from its backup:',
  MEDIA_KEY_MISSING:
    'There are pictures, but the key file is gone. Restore it from its backup, or delete the pictures to begin anew:',
  MEDIA_KEY_WRONG:
    'The key file holds another key than the one the pictures were sealed with. Restore the right one, or delete the pictures to begin anew:',
  MEDIA_KEY_MISPLACED:
    'The key file lies in the directory of the pictures, so whoever takes one has both. Configure another place than',
} as const;

export type MediaErrorCode = keyof typeof MESSAGES;

/**
 * Something wrong with kept pictures. The code is fit for `media.unavailable` of an event: a capture whose picture could
 * not be kept is still an event.
 */
export class MediaError extends Error {
  readonly code: MediaErrorCode;

  constructor(code: MediaErrorCode, options: { path?: string; cause?: unknown } = {}) {
    const { path, cause } = options;
    super(path === undefined ? MESSAGES[code] : `${MESSAGES[code]} ${path}`, { cause });
    this.name = 'MediaError';
    this.code = code;
  }
}
