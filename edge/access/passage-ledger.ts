/** Two or more vehicles that went through on fewer grants. */
export interface Tailgating {
  readonly vehicles: number;
  /** The last grant of this opening. */
  readonly grant: string;
}

export interface PassageLedger {
  /** One vehicle has leave to pass. */
  granted(correlation: string): void;
  /** A vehicle has passed. @returns the grant that it passed on, and the tailgating that this is */
  passed(): { readonly correlation: string | undefined; readonly tailgating: Tailgating | undefined };
  /** The arm is down: what was granted and not used is over. */
  closed(): void;
}

/**
 * Holds vehicles against grants, from one closing to the next. Vehicles that pass while nothing was granted (the gate is
 * held open, its own exit loop opened it) follow nobody.
 */
export function createPassageLedger(): PassageLedger {
  let grants: string[] = [];
  let vehicles = 0;
  return {
    granted(correlation) {
      grants.push(correlation);
    },
    passed() {
      if (grants.length === 0) return { correlation: undefined, tailgating: undefined };
      vehicles += 1;
      const correlation = grants[vehicles - 1];
      const grant = grants.at(-1);
      const isTailgating = correlation === undefined && grant !== undefined;
      // Between them they used so many grants: of the last one this many vehicles made use.
      const tailgating = isTailgating ? { vehicles: vehicles - grants.length + 1, grant } : undefined;
      return { correlation: correlation ?? grant, tailgating };
    },
    closed() {
      grants = [];
      vehicles = 0;
    },
  };
}
