import { DipperError } from '@dipper/contract/errors';
import type { PolicyClient } from '../../link/policy-client.ts';
import { TEMPLATE_MODEL } from '../../vision/face-embedder.ts';
import type { EdgeConfig } from '../config/read-config.ts';
import type { GateSupervisor } from '../gate/gate-supervisor.ts';
import { openTemplateStore } from '../template-store/template-store.ts';
import { createRecognition, type Recognition, type RecognitionOptions } from './recognition.ts';

export interface OpenRecognitionOptions extends Pick<RecognitionOptions, 'clock' | 'log' | 'models' | 'signal'> {
  readonly config: Pick<EdgeConfig, 'agent' | 'faceTemplates' | 'policy'>;
  readonly policy: Pick<PolicyClient, 'follow'> | undefined;
  readonly report: RecognitionOptions['emit'];
  readonly gates: Pick<GateSupervisor, 'offerFactor'>;
}

/**
 * Recognition as this edge is configured for it; undefined where it has no key for templates.
 * @throws TemplateError about the key file
 */
export async function openRecognition(options: OpenRecognitionOptions): Promise<Recognition | undefined> {
  const { config, policy, report, gates, clock, log, signal, models } = options;
  if (config.faceTemplates === undefined) return undefined;
  const store = await openTemplateStore({ ...config.faceTemplates, model: TEMPLATE_MODEL, log });
  const recognition = createRecognition({
    ...{ agent: config.agent, credentialKey: config.policy?.credentialKey, store, models, clock, log, signal },
    emit: report,
    offer: ({ accessPoint, holder, atMs, camera, similarity, track }) =>
      gates.offerFactor({
        ...{ accessPoint, factor: 'face', holder, atMs: Math.round(atMs) },
        evidence: { camera, similarity: Math.round(similarity * 100) / 100, track },
      }),
  });
  policy?.follow(({ body, claims }) =>
    recognition.takePolicy({ faces: body.faces, expiresAtMs: Date.parse(claims.expiresAt) }),
  );
  return recognition;
}

/** Commands about faces; RECOGNITION_OFF where this edge recognises nobody. */
export function recognitionHandlers(recognition: () => Recognition | undefined): Recognition['handlers'] {
  const handlers = (): Recognition['handlers'] => {
    const current = recognition();
    if (current === undefined) throw new DipperError('RECOGNITION_OFF');
    return current.handlers;
  };
  return {
    'face.enrol': async (action) => handlers()['face.enrol'](action),
    'face.erase': async (action) => handlers()['face.erase'](action),
  };
}
