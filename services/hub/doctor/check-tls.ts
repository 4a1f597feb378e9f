import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type Finding, finding, reasonOf } from './finding.ts';

const PATIENCE_MS = 5_000;
const DAY_MS = 86_400_000;
/** Long enough to renew by hand before it ends. */
const ENDING_DAYS = 21;

/** How long the certificate of a server is good for; whether it is trusted is asked elsewhere. */
export async function checkCertificate(what: string, host: string, port: number): Promise<Finding> {
  try {
    return certificateFinding(what, await validToOf(host, port));
  } catch (error) {
    return finding('unknown', 'CERTIFICATE_UNSEEN', { what, reason: reasonOf(error) });
  }
}

/** @param validTo as Node shows it, e.g. `Nov 24 12:00:00 2027 GMT` */
export function certificateFinding(what: string, validTo: string, now: () => number = Date.now): Finding {
  const days = Math.floor((Date.parse(validTo) - now()) / DAY_MS);
  if (Number.isNaN(days)) return finding('unknown', 'CERTIFICATE_UNSEEN', { what, reason: 'no certificate' });
  if (days < 0) return finding('wrong', 'CERTIFICATE_ENDED', { what, days: -days });
  return finding(days < ENDING_DAYS ? 'warning' : 'ok', days < ENDING_DAYS ? 'CERTIFICATE_ENDING' : 'CERTIFICATE_OK', {
    what,
    days,
  });
}

function validToOf(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // Nothing is said over it: only the dates are read.
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      rejectUnauthorized: false,
      timeout: PATIENCE_MS,
    });
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().valid_to);
      socket.destroy();
    });
    socket.once('timeout', () => socket.destroy(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })));
    socket.once('error', reject);
  });
}
