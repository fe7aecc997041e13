import time
from datetime import timedelta


from tests.library import *
import random
def test_bench(database, member, mine, client):
    rnd=random.Random(1)
    t=time.perf_counter()
    for acc in range(20):
        rows=[]
        for v in range(1000):
            for k in range(6):
                rows.append(seen(f"v{acc}-{v}", 100*k+v*7%1000+k, 10*k, comments=k, shares=k, account=f"a{acc}", title=f"bread number {v} word{v%50}", posted=NOON-timedelta(days=v%300, hours=acc), at=NOON+timedelta(days=k*5), seconds=v%900))
        ids=put(database, member.tenant_id, rows)
    total(database, member.tenant_id)
    score(database, member.tenant_id, {i:{"multiple":rnd.random()*9,"peers":9,"virality_band":"[1,5)"} for i in list(ids.values())[:5000]})
    with database.begin(member.tenant_id) as uow: print("rows", uow.connection.exec_driver_sql("select count(*) from video_snapshots").scalar_one())
    print("seed", time.perf_counter()-t)
    first=mine.get("/videos?limit=50").json()
    for path in ["/videos?limit=50","/videos?limit=50&sort=score","/videos?limit=50&sort=posted_at&order=asc","/videos?limit=20&q=word7", "/videos?limit=20&q=bread", f"/videos?limit=50&cursor={first['next_cursor']}", f"/videos/{first['items'][0]['video_id']}", f"/videos/{first['items'][0]['video_id']}?as_of=2026-11-16T00:00:00Z",
        "/accounts","/stats","/analytics/overview?days=90","/analytics/views-over-time?days=90","/analytics/most-viral","/analytics/virality-analysis","/analytics/duration-analysis","/analytics/metrics-breakdown","/analytics/video-stats","/analytics/video-stats?as_of=2026-11-16T00:00:00Z"]:
        ts=[]
        for _ in range(5):
            t=time.perf_counter(); r=mine.get(path); ts.append(time.perf_counter()-t); assert r.status_code==200
        print(f"{sorted(ts)[2]*1000:8.1f} ms", len(r.content), path)
    from tests.conftest import Member
    n=200; t=time.perf_counter()
    for _ in range(n):
        with database.begin(member.tenant_id) as uow: uow.videos.page(sort="views", is_descending=True, limit=51)
    print("store page(51):", n/(time.perf_counter()-t), "per s, one thread")
