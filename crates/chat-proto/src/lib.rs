//! The IRC wire protocol with IRCv3: lines, tags, numerics, names and the codec.
