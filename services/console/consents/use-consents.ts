import type {
  FaceConsentView,
  ImpactAssessmentView,
  NewFaceConsent,
  NewFaceEnrolment,
  NewImpactAssessment,
} from '@dipper/contract/api/face-consent';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** While a camera watches, and while receipts of edges are awaited. */
const WATCHING_MS = 1_500;
const RESTING_MS = 15_000;

/** Consents of a resident, newest first, with enrolments and receipts. */
export function useConsents(holder: string | undefined) {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.faceConsents(holder ?? ''),
    queryFn: async ({ signal }) =>
      (await client.get<{ items: FaceConsentView[] }>(`/api/v1/holders/${holder}/face-consents`, signal)).items,
    enabled: holder !== undefined,
    refetchInterval: ({ state }) => (state.data?.some(isMoving) === true ? WATCHING_MS : RESTING_MS),
  });
}

function isMoving({ enrolments, awaited }: FaceConsentView): boolean {
  const state = enrolments[0]?.state;
  return awaited.length > 0 || state === 'asked' || state === 'watching' || state === 'seen';
}

export function useAssessments() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.assessments,
    queryFn: ({ signal }) => listEverything<ImpactAssessmentView>(client, '/api/v1/impact-assessments', signal),
  });
}

export function useGiveConsent(holder: string) {
  const { client } = useHub();
  return useMutation({
    mutationFn: (asked: NewFaceConsent) =>
      client.send<FaceConsentView>('POST', `/api/v1/holders/${holder}/face-consents`, asked),
    onSuccess: useRefresh(keys.faceConsents(holder)),
  });
}

export function useWithdrawConsent({ id, holder }: FaceConsentView) {
  const { client } = useHub();
  return useMutation({
    mutationFn: () =>
      client.send<FaceConsentView>('POST', `/api/v1/holders/${holder}/face-consents/${id}/withdraw`, {}),
    onSuccess: useRefresh(keys.faceConsents(holder)),
  });
}

export function useEnrolFace({ id, holder }: FaceConsentView) {
  const { client } = useHub();
  return useMutation({
    mutationFn: (asked: NewFaceEnrolment) =>
      client.send<FaceConsentView>('POST', `/api/v1/holders/${holder}/face-consents/${id}/enrolments`, asked),
    onSettled: useRefresh(keys.faceConsents(holder)),
  });
}

export function useFileAssessment() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (asked: NewImpactAssessment) =>
      client.send<ImpactAssessmentView>('POST', '/api/v1/impact-assessments', asked),
    onSuccess: useRefresh(keys.assessments),
  });
}

export function useEndAssessment() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (id: string) => client.send<ImpactAssessmentView>('POST', `/api/v1/impact-assessments/${id}/end`),
    onSuccess: useRefresh(keys.assessments),
  });
}

function useRefresh(queryKey: readonly string[]): () => Promise<unknown> {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey });
}
