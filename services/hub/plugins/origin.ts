import type { FastifyRequest } from 'fastify';

/** Whether a browser that sent the request did so from a page of this hub. */
export type OriginCheck = (request: FastifyRequest) => 'ours' | 'foreign' | 'absent';

/**
 * Compares the Origin header with the hub's public address, and with the Host that the browser believes it talks to: a
 * foreign page cannot choose either. `Origin` is absent from requests of programs and from same-origin GETs.
 *
 * @param publicUrl where people reach the hub, for a reverse proxy that rewrites Host
 */
export function createOriginCheck(publicUrl: string | undefined): OriginCheck {
  const publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  return (request) => {
    const { origin, host } = request.headers;
    if (origin === undefined) return 'absent';
    if (origin === publicOrigin) return 'ours';
    return URL.canParse(origin) && new URL(origin).host === host ? 'ours' : 'foreign';
  };
}
