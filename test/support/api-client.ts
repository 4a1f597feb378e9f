import type { FeedMessage } from '@dipper/contract/api/feed';
import type { Page } from '@dipper/contract/api/page';
import { WebSocket } from 'ws';

export interface ApiClient {
  readonly token: string;
  get<T>(path: string): Promise<T>;
  list<T>(path: string): Promise<readonly T[]>;
  send(method: string, path: string, body?: unknown): Promise<Response>;
  /** Opens the feed and collects what it tells until it is closed. */
  feed(after?: string, kinds?: string): Promise<Feed>;
}

export interface Feed {
  readonly messages: readonly FeedMessage[];
  close(): void;
}

/** Signs in as an API client does. @throws Error with status and body when refused */
export async function signIn(url: string, name: string, password: string): Promise<ApiClient> {
  const answer = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  });
  if (answer.status !== 201) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
  const { token } = (await answer.json()) as { token: string };
  return createApiClient(url, token);
}

/** A client that holds a bearer token. */
export function createApiClient(url: string, token: string): ApiClient {
  const send = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const get = async <T>(path: string): Promise<T> => {
    const answer = await send('GET', path);
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    token,
    send,
    get,
    list: async <T>(path: string) => (await get<Page<T>>(path)).items,
    async feed(after, kinds) {
      const query = `?${new URLSearchParams({ ...(after && { after }), ...(kinds && { kinds }) })}`;
      const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/v1/feed${query}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      const messages: FeedMessage[] = [];
      socket.on('message', (data) => messages.push(JSON.parse(String(data)) as FeedMessage));
      await new Promise<void>((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
      return { messages, close: () => socket.terminate() };
    },
  };
}
