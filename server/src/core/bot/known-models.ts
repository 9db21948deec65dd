/** The models that a bot may name. */
export interface KnownModels {
  /**
   * True for `builtin`, and for `provider/model` where the provider is configured; which models it has is the provider's
   * affair.
   */
  has(model: string): boolean;
}
