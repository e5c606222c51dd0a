/** `NFT_REG_1`: the one register that Buoy's rules need, since each statement loads it anew. */
export const REGISTER = 1;
