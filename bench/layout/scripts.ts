/**
 * The two scripts whose cost decides the layout, with the choices that were open
 * as parameters. They are not what runs: the store's own scripts stand in `lua/`.
 *
 * Keys: 1 seq, 2 fence, 3 jobs, 4 state, 5 leases, 6 claims, 7 index of lanes,
 * 8 prefix of lanes, 9 prefix of lists of final jobs, 10 prefix of series.
 */

/** What was open. */
export interface Choices {
  /** Who holds a job: a member `id:fence` of the lease zset, or a hash beside it. */
  readonly claims: "member" | "hash";
  /** Final jobs of a queue, type and status: a list of `time|id`, or a zset. */
  readonly finals: "list" | "zset" | "one list and counters";
  /** Removal of waiting jobs: entries carry the sequence to be compared with the record's. */
  readonly tombstones: boolean;
}

const HEAD =
  `local call,sub,find,floor,fmt=redis.call,string.sub,string.find,math.floor,string.format
local t=call('TIME') local now=t[1]*1000+floor(t[2]/1000) local ns=fmt('%d',now)
`;

/** ARGV: n, lanes, lane of each job (one byte each; '' when there is one), lane names, ids, records. */
export const ENQUEUE = `${HEAD}
local n,nl,codes=tonumber(ARGV[1]),tonumber(ARGV[2]),ARGV[3] local o=3+nl
local old=call('HMGET',KEYS[3],unpack(ARGV,o+1,o+n))
for i=1,n do if old[i] then return redis.error_reply('duplicate') end end
local base=call('INCRBY',KEYS[1],n)-n local kv,T,F={},{},{} for l=1,nl do T[l]={} end
for i=1,n do local l=nl==1 and 1 or string.byte(codes,i)-47 local u=T[l] if not F[l] then F[l]=base+i end
  u[#u+1]=base+i..'|'..ARGV[o+i] kv[2*i-1]=ARGV[o+i] kv[2*i]=ARGV[o+n+i] end
call('HSET',KEYS[3],unpack(kv))
for l=1,nl do local u=T[l] if #u>0 then local name=ARGV[3+l]
  if call('RPUSH',KEYS[8]..name,unpack(u))==#u then call('ZADD',KEYS[7],'LT',sub(name,1,2)*1e14+F[l],name) end end end
return n`;

/** ARGV: need, settled, server|pool, lease ms, lanes of the settled, count per lane, ids, fences, states. */
export function cycle({ claims, finals, tombstones }: Choices): string {
  const settle = claims === "member"
    ? `local m={} for i=1,nd do m[i]=ARGV[a+i]..':'..ARGV[b+i] end
  local ok=call('ZMSCORE',KEYS[5],unpack(m)) for i=1,nd do if not ok[i] then return redis.error_reply('lost') end end
  call('ZREM',KEYS[5],unpack(m))`
    : `local held=call('HMGET',KEYS[6],unpack(ARGV,a+1,a+nd))
  for i=1,nd do local h=held[i] if not h or sub(h,1,find(h,'|',1,true)-1)~=ARGV[b+i] then return redis.error_reply('lost') end end
  call('HDEL',KEYS[6],unpack(ARGV,a+1,a+nd)) call('ZREM',KEYS[5],unpack(ARGV,a+1,a+nd))`;
  const keep = {
    "list": `call('LPUSH',KEYS[9]..ARGV[5+2*l-1],unpack(u))`,
    "zset":
      `local z={} for i=1,#u do z[2*i-1]=ns z[2*i]=u[i] end call('ZADD',KEYS[9]..ARGV[5+2*l-1],unpack(z))`,
    "one list and counters":
      `call('LPUSH',KEYS[9],unpack(u)) call('HINCRBY',KEYS[9]..'n',ARGV[5+2*l-1],#u)`,
  }[finals];
  const entry = finals === "zset" ? `ARGV[at]` : `ns..'|'..ARGV[at]`;
  const holder = claims === "member"
    ? `local z={} for i=1,g do z[2*i-1]=dl z[2*i]=ids[i]..':'..fmt('%d',fence+i-1) end call('ZADD',KEYS[5],unpack(z))`
    : `local z,h={},{} local tail='|'..ARGV[3]..'|'..ns..'|' for i=1,g do z[2*i-1]=dl z[2*i]=ids[i] h[2*i-1]=ids[i] h[2*i]=fmt('%d',fence+i-1)..tail..seqs[i] end
  call('ZADD',KEYS[5],unpack(z)) call('HSET',KEYS[6],unpack(h))`;
  const check = tombstones
    ? `-- a removed job leaves its entry; one that came back has another sequence
  for i=1,g do if not r[i] then return redis.error_reply('gone') end end`
    : "";
  return `${HEAD}
local need,nd,nl=tonumber(ARGV[1]),tonumber(ARGV[2]),tonumber(ARGV[5]) local a=5+2*nl local b=a+nd local c=b+nd
if nd>0 then
  ${settle}
  local kv={} for i=1,nd do kv[2*i-1]=ARGV[a+i] kv[2*i]=ARGV[c+i] end call('HSET',KEYS[4],unpack(kv))
  local bk,at=KEYS[10]..floor(now/60000),a
  for l=1,nl do local u,k={},tonumber(ARGV[5+2*l]) for i=1,k do at=at+1 u[i]=${entry} end ${keep}
    if call('HINCRBY',bk,ARGV[5+2*l-1],k)==k then call('EXPIRE',bk,90000) end end
end
if need==0 then return {} end
local ids,seqs,g,rounds={},{},0,0
local function give(e) g=g+1 local p=find(e,'|',1,true) seqs[g]=sub(e,1,p-1) ids[g]=sub(e,p+1) end
while need>0 and rounds<16 do rounds=rounds+1
  local k=need>64 and 64 or need local L=call('ZRANGE',KEYS[7],0,k,'WITHSCORES') if #L==0 then break end
  local hi=(floor(tonumber(L[2])/1e14)+1)*1e14 local pb=hi-1e14 local slack=8*(need-1) local U,R,M={},{},hi
  local i=1
  while L[i] and need>0 do local name,score=L[i],tonumber(L[i+1]) if score>=hi or score>M+slack then break end
    local lim=L[i+3] and tonumber(L[i+3]) or hi if lim>M then lim=M end lim=lim+slack if lim>=hi then lim=hi-1 end
    local key=KEYS[8]..name
    if #L==2 then local q=call('LPOP',key,need) local x=q and #q or 0 for j=1,x do give(q[j]) end if x<need then R[#R+1]=name end need=need-x
    else local W=call('LRANGE',key,0,need) local j,nx=0,nil
      for y=1,#W do local e=W[y] local q=pb+sub(e,1,find(e,'|',1,true)-1) if y<=need and q<=lim then j=y give(e) else nx=q break end end
      if j>0 then call('LTRIM',key,j,-1) end need=need-j
      if not nx then R[#R+1]=name else if nx<M then M=nx end if nx~=score then U[#U+1]=fmt('%d',nx) U[#U+1]=name end end end
    i=i+2 end
  if #U>0 then call('ZADD',KEYS[7],'XX',unpack(U)) end if #R>0 then call('ZREM',KEYS[7],unpack(R)) end
  if #U==0 and #R==0 then break end
end
if g==0 then return {} end
local r=call('HMGET',KEYS[3],unpack(ids))
${check}
local fence=t[1]*1000000+t[2] local last=call('SET',KEYS[2],fmt('%d',fence+g-1),'GET')
if last and tonumber(last)>=fence then fence=tonumber(last)+1 call('SET',KEYS[2],fmt('%d',fence+g-1)) end
local dl=fmt('%d',now+ARGV[4])
${holder}
return {fmt('%d',fence),ids,r}`;
}
