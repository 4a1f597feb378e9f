import type { PlaceTree } from '@dipper/contract/api/place-tree';
import { useQuery } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** Turns of duty begin and end on the hour; open cases are a matter of minutes. */
const READ_AGAIN_MS = 60_000;

/** What lies in what, as far as one's scope reaches. */
export function usePlaceTree() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.placeTree,
    queryFn: ({ signal }) => client.get<PlaceTree>('/api/v1/place-tree', signal),
    refetchInterval: READ_AGAIN_MS,
  });
}
