/** Facts about this installation. */
export interface InstanceSettingsTable {
  name: string;
  value: string;
}
