import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { EXPORT_TYPE, type ExportManifest, SignedManifest } from '@dipper/contract/api/recording';
import { createValidator } from '@dipper/contract/validation';
import { CompactSign, compactVerify, importJWK, type JWK } from 'jose';
import type { SigningKeySource } from '../../signing-key.ts';

const Signed = createValidator(SignedManifest);

/** @returns the JWS in compact form (RFC 7515) that a manifest is kept as */
export function signManifest(manifest: ExportManifest, key: SigningKeySource): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(manifest)))
    .setProtectedHeader({ alg: 'EdDSA', typ: EXPORT_TYPE })
    .sign(key());
}

/** The file that somebody is given: what was signed, to be read, and the signature. */
export function signedManifestFrom(signature: string): SignedManifest {
  const [, payload = ''] = signature.split('.');
  return Signed.parse({ manifest: JSON.parse(Buffer.from(payload, 'base64url').toString()), signature });
}

/** What is wrong with an exported file; `detail` names the place. */
export type ExportProblem =
  | { readonly code: 'MANIFEST_INVALID' | 'SIGNATURE_INVALID' | 'MANIFEST_ALTERED' }
  | { readonly code: 'FILE_LENGTH'; readonly bytes: number; readonly expected: number }
  | { readonly code: 'PART_ALTERED'; readonly offset: number; readonly at: string | null };

/**
 * Compares a file with its manifest, and the manifest with its signature.
 * @param keys public keys of the hub, now and before
 * @returns nothing where every byte is as it was handed out
 * @throws what the file system throws
 */
export async function verifyExport(file: string, signed: unknown, keys: readonly JWK[]): Promise<ExportProblem[]> {
  if (!Signed.is(signed)) return [{ code: 'MANIFEST_INVALID' }];
  const { manifest, signature } = signed;
  const payload = await openSignature(signature, keys);
  if (payload === undefined) return [{ code: 'SIGNATURE_INVALID' }];
  if (!isDeepStrictEqual(JSON.parse(payload), manifest)) return [{ code: 'MANIFEST_ALTERED' }];
  return compareParts(file, manifest);
}

async function openSignature(signature: string, keys: readonly JWK[]): Promise<string | undefined> {
  for (const jwk of keys) {
    try {
      const { payload, protectedHeader } = await compactVerify(signature, await importJWK(jwk, 'EdDSA'));
      if (protectedHeader.typ === EXPORT_TYPE) return new TextDecoder().decode(payload);
    } catch {
      // Another key may have signed it.
    }
  }
  return undefined;
}

async function compareParts(file: string, manifest: ExportManifest): Promise<ExportProblem[]> {
  const problems: ExportProblem[] = [];
  const parts = manifest.parts.values();
  let part = parts.next().value;
  let left = part?.bytes ?? 0;
  let hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    for (let rest = chunk; rest.length > 0 && part !== undefined; ) {
      const piece = rest.subarray(0, left);
      hash.update(piece);
      left -= piece.length;
      rest = rest.subarray(piece.length);
      if (left > 0) continue;
      if (hash.digest('hex') !== part.sha256) problems.push({ code: 'PART_ALTERED', offset: part.offset, at: part.at });
      part = parts.next().value;
      left = part?.bytes ?? 0;
      hash = createHash('sha256');
    }
  }
  if (bytes !== manifest.bytes) problems.push({ code: 'FILE_LENGTH', bytes, expected: manifest.bytes });
  return problems;
}
