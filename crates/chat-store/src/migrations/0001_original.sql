-- The tables of the original program, word for word. A database it left behind has them already.
CREATE TABLE IF NOT EXISTS servers(Date TEXT, Name TEXT, Average_Rating REAL, Today_Count INTEGER, Monthly_Count INTEGER, Total_Approaches INTEGER, Lost_Count INTEGER);
CREATE TABLE IF NOT EXISTS session(Date TEXT, User TEXT, In_Time TEXT, Out_Time TEXT);
-- Not unique: an old database may hold a pair twice, and its rows are kept.
CREATE INDEX servers_by_day ON servers(Date, Name);
CREATE INDEX session_by_day ON session(Date);
