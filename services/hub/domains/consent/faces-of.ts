import { sql } from 'kysely';
import type { FacesOf } from '../policy/policy-source.ts';

/**
 * Whose faces may be compared at some access points, and on the ground of which assessment: what the policy of an edge says about
 * faces. Whoever withdrew, whose consent is over or who was ended is not in it, and so has no template on that edge any more.
 */
export function createFacesOf(now: () => number): FacesOf {
  return async (tx, accessPoints) => {
    const at = new Date(now());
    const ids = [...accessPoints];
    const assessments = await sql<{ id: string; valid_until: Date }>`
      select assessment.id, assessment.valid_until from dipper.impact_assessment assessment
       where assessment.ended_at is null and assessment.valid_until > ${at}
         and assessment.estate in (select place.estate from dipper.access_point point
                                     join dipper.place place on place.id = point.place
                                    where point.id = any(${ids}::text[]))
       order by assessment.valid_until desc, assessment.id limit 1`.execute(tx);
    const consents = await sql<{ id: string; holder: string; access_points: string[]; valid_until: Date }>`
      select consent.id, consent.holder, consent.access_points, consent.valid_until
        from dipper.face_consent consent join dipper.access_holder holder on holder.id = consent.holder
       where consent.withdrawn_at is null and consent.valid_until > ${at} and holder.ended_at is null
         and consent.access_points && ${ids}::text[]
       order by consent.holder`.execute(tx);
    const [assessment] = assessments.rows;
    if (assessment === undefined && consents.rows.length === 0) return undefined;
    return {
      ...(assessment && { assessment: { id: assessment.id, validUntil: assessment.valid_until.toISOString() } }),
      enrolled: consents.rows.map((consent) => ({
        holder: consent.holder,
        consent: consent.id,
        accessPoints: consent.access_points.filter((id) => ids.includes(id)).toSorted(),
        validUntil: consent.valid_until.toISOString(),
      })),
    };
  };
}
