import {
  ApartmentOutlined,
  ApiOutlined,
  BarChartOutlined,
  ClusterOutlined,
  ControlOutlined,
  HistoryOutlined,
  HomeOutlined,
  IdcardOutlined,
  LineChartOutlined,
  LoginOutlined,
  SafetyCertificateOutlined,
  SwapOutlined,
  TeamOutlined,
} from '@ant-design/icons';
import type { ComponentType } from 'react';
import type { Permission } from '../session/permissions.ts';

export interface SystemPage {
  readonly path: string;
  readonly name:
    | 'residents'
    | 'access'
    | 'records'
    | 'passes'
    | 'faces'
    | 'figures'
    | 'caseFigures'
    | 'rules'
    | 'places'
    | 'edges'
    | 'accounts'
    | 'retention'
    | 'integrations';
  readonly permission: Permission;
  readonly Icon: ComponentType;
}

/** Pages that nobody needs every minute: they stand behind one entry, so that a phone's bar keeps room for a thumb. */
export const SYSTEM_PAGES: readonly SystemPage[] = [
  { path: '/residents', name: 'residents', permission: 'readHolders', Icon: HomeOutlined },
  { path: '/access', name: 'access', permission: 'readAccess', Icon: LoginOutlined },
  { path: '/passages', name: 'records', permission: 'readRecords', Icon: SwapOutlined },
  { path: '/passes', name: 'passes', permission: 'readPasses', Icon: IdcardOutlined },
  { path: '/faces', name: 'faces', permission: 'readConsents', Icon: SafetyCertificateOutlined },
  { path: '/alarm-figures', name: 'figures', permission: 'readFigures', Icon: BarChartOutlined },
  { path: '/case-figures', name: 'caseFigures', permission: 'reviewCases', Icon: LineChartOutlined },
  { path: '/rules', name: 'rules', permission: 'readRules', Icon: ControlOutlined },
  { path: '/places', name: 'places', permission: 'readPlaces', Icon: ApartmentOutlined },
  { path: '/edges', name: 'edges', permission: 'manageEdges', Icon: ClusterOutlined },
  { path: '/accounts', name: 'accounts', permission: 'manageAccounts', Icon: TeamOutlined },
  { path: '/retention', name: 'retention', permission: 'readRetention', Icon: HistoryOutlined },
  { path: '/integrations', name: 'integrations', permission: 'manageIntegrations', Icon: ApiOutlined },
];
