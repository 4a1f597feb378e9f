import type { CommandAction } from '@dipper/contract/commands';
import { erasureSignature } from '@dipper/contract/erasure-receipt';
import { DipperError } from '@dipper/contract/errors';
import type { EventDraft } from '@dipper/contract/events';
import type { PolicyFaces } from '@dipper/contract/policy-body';
import type { Logger } from 'pino';
import type { Clock } from '../../link/clock.ts';
import type { RecognitionModels } from '../../vision/recognition-worker.ts';
import type { Erasure, TemplateStore } from '../template-store/template-store.ts';
import type { EnrolmentProgress } from './face-enrolment.ts';
import { type RecognisedFace, type RecognitionWatch, startRecognitionWatch } from './recognition-watch.ts';

type Enrol = Extract<CommandAction, { name: 'face.enrol' }>;
type Erase = Extract<CommandAction, { name: 'face.erase' }>;

export interface RecognitionOptions {
  readonly agent: string;
  /** HMAC key of this agent, for receipts; undefined: they go out unsigned. */
  readonly credentialKey: Uint8Array | undefined;
  readonly store: TemplateStore;
  readonly models: () => RecognitionModels | undefined;
  readonly emit: (event: EventDraft) => void;
  /** For the gate to decide on. */
  readonly offer: (offer: RecognisedFace & { readonly accessPoint: string; readonly camera: string }) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** What a policy says about faces, and until when the policy itself counts. */
export interface FacePolicy {
  readonly faces: PolicyFaces | undefined;
  readonly expiresAtMs: number;
}

export interface Recognition {
  /** What a camera at an access point looks at faces with; undefined while its models are not loaded. */
  watch(camera: string, accessPoint: string): RecognitionWatch | undefined;
  /** A policy was taken up: whoever it does not name is forgotten. */
  takePolicy(policy: FacePolicy): void;
  readonly handlers: {
    'face.enrol'(action: Enrol): Promise<undefined>;
    'face.erase'(action: Erase): Promise<undefined>;
  };
  /** Why nobody is recognised at the moment; undefined where somebody may be. */
  obstacle(): 'ASSESSMENT_MISSING' | 'CONSENT_MISSING' | undefined;
  close(): Promise<void>;
}

const TICK_MS = 1_000;
const SWEEP_MS = 60_000;
/**
 * An edge that lost its hub compares nobody once its policy is over, but keeps what it was trusted with for a while: the hub may
 * come back. A machine that never hears of a hub again must not keep faces for good.
 */
const KEEP_WITHOUT_POLICY_MS = 30 * 24 * 3_600_000;

/** Everything about faces that are recognised on this edge: whose templates it keeps, who is enrolled, who is offered to the gate. */
export function createRecognition(options: RecognitionOptions): Recognition {
  const { store, clock, log } = options;
  const watches = new Map<string, { readonly watch: RecognitionWatch; readonly accessPoint: string }>();
  let policy: FacePolicy | undefined;

  const current = (): PolicyFaces | undefined =>
    policy !== undefined && policy.expiresAtMs > clock.nowMs() ? policy.faces : undefined;

  function tell({ holder, consent, reason }: Erasure): void {
    const at = new Date(clock.nowMs()).toISOString();
    const receipt = { holder, consent, reason, at };
    const key = options.credentialKey;
    const signature = key === undefined ? {} : { signature: erasureSignature(key, options.agent, receipt) };
    options.emit({ type: 'face.template-erased', occurredAtMs: clock.nowMs(), data: { ...receipt, ...signature } });
  }

  /** Consents end, and so does what an edge without a hub may keep. */
  function sweep(): void {
    if (policy === undefined) return;
    const nowMs = clock.nowMs();
    if (nowMs > policy.expiresAtMs + KEEP_WITHOUT_POLICY_MS) store.eraseAll('policy-expired').forEach(tell);
    else store.keepOnly(policy.faces, nowMs).forEach(tell);
  }

  function obstacle(accessPoint?: string, of?: { readonly holder: string; readonly consent: string }) {
    const faces = current();
    const nowMs = clock.nowMs();
    if (faces?.assessment === undefined || Date.parse(faces.assessment.validUntil) <= nowMs) {
      return 'ASSESSMENT_MISSING' as const;
    }
    const isThere = faces.enrolled.some(
      (entry) =>
        Date.parse(entry.validUntil) > nowMs &&
        (accessPoint === undefined || entry.accessPoints.includes(accessPoint)) &&
        (of === undefined || (entry.holder === of.holder && entry.consent === of.consent)),
    );
    return isThere ? undefined : ('CONSENT_MISSING' as const);
  }

  function progressTeller({ enrolment, holder, consent, accessPoint, device }: Enrol) {
    let told = '';
    return (progress: EnrolmentProgress): void => {
      const { state, goodFrames } = progress;
      let code: string | undefined = 'code' in progress ? progress.code : undefined;
      const advice = 'advice' in progress ? progress.advice : undefined;
      let isDone = state === 'done';
      // Consent may have been withdrawn while the camera watched.
      if (progress.state === 'done' && obstacle(accessPoint, { holder, consent }) !== undefined) {
        for (const template of progress.templates) template.fill(0);
        code = 'CONSENT_MISSING';
        isDone = false;
      } else if (progress.state === 'done') {
        const accessPoints = current()?.enrolled.find((entry) => entry.holder === holder)?.accessPoints ?? [
          accessPoint,
        ];
        store.put({ holder, consent, accessPoints, templates: progress.templates, enrolledAtMs: clock.nowMs() });
      }
      const data = {
        ...{ enrolment, holder, consent, accessPoint, goodFrames },
        state: state === 'done' && !isDone ? ('failed' as const) : state,
        ...(code !== undefined && { code }),
        ...(advice !== undefined && { advice }),
      };
      const said = JSON.stringify(data);
      if (said === told) return;
      told = said;
      options.emit({ type: 'face.enrolment', device, occurredAtMs: clock.nowMs(), correlation: enrolment, data });
    };
  }

  store.erasedAtOpening.forEach(tell);
  let cancelTick = (): void => undefined;
  let sweptAtMs = clock.monotonicMs();
  function tick(): void {
    for (const { watch } of watches.values()) watch.tick(clock.nowMs());
    if (clock.monotonicMs() - sweptAtMs >= SWEEP_MS) {
      sweptAtMs = clock.monotonicMs();
      sweep();
    }
    if (!options.signal.aborted) cancelTick = clock.after(TICK_MS, tick);
  }
  tick();
  options.signal.addEventListener('abort', () => cancelTick(), { once: true });

  return {
    watch(camera, accessPoint) {
      const models = options.models();
      if (models === undefined) return undefined;
      // The camera has been configured anew.
      void watches.get(camera)?.watch.close();
      const watch = startRecognitionWatch({
        models,
        enrolled: () => store.enrolledAt(accessPoint, current(), clock.nowMs()),
        onRecognised: (face) => options.offer({ ...face, accessPoint, camera }),
        log: log.child({ device: camera }),
      });
      watches.set(camera, { watch, accessPoint });
      return watch;
    },
    takePolicy(next) {
      policy = next;
      sweep();
      const reason = obstacle();
      if (watches.size > 0 && reason !== undefined) log.warn({ code: reason }, 'nobody is recognised by their face');
    },
    handlers: {
      async 'face.enrol'(action) {
        const here = watches.get(action.device);
        if (here === undefined || here.accessPoint !== action.accessPoint) throw new DipperError('RECOGNITION_OFF');
        const reason = obstacle(action.accessPoint, action);
        if (reason !== undefined) throw new DipperError(reason);
        const teller = progressTeller(action);
        if (!here.watch.enrol(clock.nowMs(), teller)) throw new DipperError('ENROLMENT_UNDER_WAY');
        teller({ state: 'watching', goodFrames: 0 });
        return undefined;
      },
      async 'face.erase'({ holder, consent }) {
        store.erase({ holder, consent }, 'withdrawn');
        // Also where there was none: the hub asks again until it has a receipt.
        tell({ holder, consent, reason: 'withdrawn' });
        return undefined;
      },
    },
    obstacle: () => obstacle(),
    async close() {
      cancelTick();
      await Promise.all([...watches.values()].map(({ watch }) => watch.close()));
      store.close();
    },
  };
}
