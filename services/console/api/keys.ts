/** Under what the page keeps what it has read. */
export const keys = {
  openAlarms: ['alarms', 'open'] as const,
  alarm: (id: string) => ['alarm', id] as const,
  incident: (id: string) => ['incident', id] as const,
  caseLists: ['cases'] as const,
  cases: (filter: { readonly state: string; readonly isMine: boolean; readonly isOverdueOnly: boolean }) =>
    ['cases', filter] as const,
  case: (id: string) => ['case', id] as const,
  devices: ['devices'] as const,
  agents: ['agents'] as const,
  places: ['places'] as const,
  accounts: ['accounts'] as const,
  assigneeLists: ['assignees'] as const,
  assignees: (purpose: string) => ['assignees', purpose] as const,
  caseCategories: ['case-categories'] as const,
  reportForm: ['report-form'] as const,
  report: (code: string) => ['report', code] as const,
  caseFigures: (from: string, until: string) => ['case-figures', from, until] as const,
  duplicates: (query: string) => ['duplicates', query] as const,
  webhooks: ['webhooks'] as const,
  deliveries: (webhook: string) => ['webhooks', webhook, 'deliveries'] as const,
};
