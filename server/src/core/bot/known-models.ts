/** The models that bots of every workspace may name. */
export interface KnownModels {
  /**
   * True for `builtin`, and for `provider/model` where the provider is configured; which models it has is the provider's
   * affair.
   */
  has(model: string): boolean;
  /** True for a name that the operator's configuration has given to a provider, or `builtin`. */
  isProvider(name: string): boolean;
}
