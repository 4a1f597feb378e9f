/** What is known of something that lasts, over all topics by which a camera tells of it: it lasts while one of them says so. */
export interface LastingState {
  /**
   * @param isNews false for the present state told to a new subscriber, or when it was asked for
   * @returns what to tell: it began, it is over, or nothing new
   */
  hear(from: StateSource, isActive: boolean, isNews: boolean, nowMs: number): 'started' | 'ended' | undefined;
  /** A topic says that it is over, and not for which of its sources. */
  endTopic(topic: string, nowMs: number): 'ended' | undefined;
  /** When it has to be looked at again, on the same clock; undefined while nothing lasts. */
  readonly expiresAtMs: number | undefined;
  /** Ends what nobody has spoken of for too long. @returns whether that ends the whole */
  expire(nowMs: number): boolean;
}

/** Who says so: a topic, and which rule, input or lens of it. */
export interface StateSource {
  readonly topic: string;
  readonly source: Readonly<Record<string, string>>;
}

export interface LastingStateOptions {
  /** "It lasts" is believed for so long after it was last said. */
  readonly expiryMs: number;
  /**
   * Whether a camera that is asked and says that it still lasts is believed. Tampering may last for days; a camera that
   * forgot to end its motion answers the same for ever (home-assistant/core#124422).
   */
  readonly isConfirmedByAsking: boolean;
}

interface Source {
  isActive: boolean;
  /** It has expired: only news begins it again. */
  isExpired: boolean;
  saidAtMs: number;
}

export function createLastingState({ expiryMs, isConfirmedByAsking }: LastingStateOptions): LastingState {
  const sources = new Map<string, Source>();
  let told: boolean | undefined;

  /** The first word after a start is told in any case: what began before it may have ended unseen. */
  function tell(): 'started' | 'ended' | undefined {
    const isActive = [...sources.values()].some((source) => source.isActive);
    if (isActive === told) return undefined;
    told = isActive;
    return isActive ? 'started' : 'ended';
  }

  return {
    hear({ topic, source }, isActive, isNews, nowMs) {
      const key = `${topic} ${JSON.stringify(source)}`;
      const before = sources.get(key);
      if (!isActive) {
        sources.set(key, { isActive: false, isExpired: false, saidAtMs: nowMs });
        return tell();
      }
      const isBelieved = isNews || isConfirmedByAsking || before === undefined;
      if (before?.isExpired === true && !isBelieved) return undefined;
      const saidAtMs = isBelieved || before?.isActive !== true ? nowMs : before.saidAtMs;
      sources.set(key, { isActive: true, isExpired: false, saidAtMs });
      return tell();
    },
    endTopic(topic, nowMs) {
      for (const key of sources.keys()) {
        if (key.startsWith(`${topic} `)) sources.set(key, { isActive: false, isExpired: false, saidAtMs: nowMs });
      }
      return tell() === 'ended' ? 'ended' : undefined;
    },
    get expiresAtMs() {
      const ends = [...sources.values()].flatMap(({ isActive, saidAtMs }) => (isActive ? [saidAtMs + expiryMs] : []));
      return ends.length === 0 ? undefined : Math.min(...ends);
    },
    expire(nowMs) {
      const expired = [...sources.values()].filter(
        ({ isActive, saidAtMs }) => isActive && nowMs - saidAtMs >= expiryMs,
      );
      for (const source of expired) Object.assign(source, { isActive: false, isExpired: true });
      return expired.length > 0 && tell() === 'ended';
    },
  };
}
