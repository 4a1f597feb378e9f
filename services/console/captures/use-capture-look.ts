import { useEffect, useRef, useState } from 'react';
import { useHub } from '../api/hub-context.ts';

export type Look =
  | { readonly kind: 'asking' }
  | { readonly kind: 'loading' }
  /** The object URL of the picture in memory. */
  | { readonly kind: 'shown'; readonly address: string }
  | { readonly kind: 'refused'; readonly error: unknown };

/** One look, one request, one line in the audit trail. The picture lives in memory only, and no longer than the component. */
export function useCaptureLook(ref: string) {
  const { client } = useHub();
  const [look, setLook] = useState<Look>({ kind: 'asking' });
  const ending = useRef<AbortController>(undefined);

  const forget = (): void => {
    ending.current?.abort();
    ending.current = undefined;
  };
  useEffect(() => () => ending.current?.abort(), []);

  return {
    look,
    askAgain(): void {
      forget();
      setLook({ kind: 'asking' });
    },
    ask(reason: string): void {
      forget();
      const ended = new AbortController();
      ending.current = ended;
      setLook({ kind: 'loading' });
      client.fetchPicture(`/api/v1/media/${ref}/views`, { reason }, ended.signal).then(
        (picture) => {
          if (ended.signal.aborted) return;
          const address = URL.createObjectURL(picture);
          ended.signal.addEventListener('abort', () => URL.revokeObjectURL(address), { once: true });
          setLook({ kind: 'shown', address });
        },
        (error: unknown) => {
          if (!ended.signal.aborted) setLook({ kind: 'refused', error });
        },
      );
    },
  };
}
